import { passModelsRoute } from '../../../shared/api/gateways/anthropic.ts';
import { anthropicFailure } from '../../../shared/gateways/anthropic/errors.ts';
import { passModels } from '../../../shared/gateways/anthropic/models.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passModelsRoute, anthropicFailure, passModels);
