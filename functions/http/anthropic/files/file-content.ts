import { passFileContentRoute } from '../../../../shared/api/gateways/anthropic-files.ts';
import { anthropicFailure } from '../../../../shared/gateways/anthropic/errors.ts';
import { passFileContent } from '../../../../shared/gateways/anthropic/files/pass-files.ts';
import { serveGateway } from '../../../services/serve.ts';

serveGateway(passFileContentRoute, anthropicFailure, passFileContent);
