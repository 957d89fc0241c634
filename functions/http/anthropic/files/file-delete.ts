import { passFileDeleteRoute } from '../../../../shared/api/gateways/anthropic-files.ts';
import { anthropicFailure } from '../../../../shared/gateways/anthropic/errors.ts';
import { passFileDelete } from '../../../../shared/gateways/anthropic/files/pass-files.ts';
import { serveGateway } from '../../../services/serve.ts';

serveGateway(passFileDeleteRoute, anthropicFailure, passFileDelete);
