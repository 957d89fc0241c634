import { passModelRoute } from '../../../shared/api/gateways/anthropic.ts';
import { anthropicFailure } from '../../../shared/gateways/anthropic/errors.ts';
import { passModel } from '../../../shared/gateways/anthropic/models.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passModelRoute, anthropicFailure, passModel);
