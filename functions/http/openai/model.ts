import { passOpenAiModelRoute } from '../../../shared/api/gateways/openai.ts';
import { openAiFailure } from '../../../shared/gateways/openai/errors.ts';
import { passOpenAiModel } from '../../../shared/gateways/openai/models.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passOpenAiModelRoute, openAiFailure, passOpenAiModel);
