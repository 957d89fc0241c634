import { passOpenAiModelsRoute } from '../../../shared/api/gateways/openai.ts';
import { openAiFailure } from '../../../shared/gateways/openai/errors.ts';
import { passOpenAiModels } from '../../../shared/gateways/openai/models.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passOpenAiModelsRoute, openAiFailure, passOpenAiModels);
