import { passChatCompletionRoute } from '../../../shared/api/gateways/openai.ts';
import { passChatCompletion } from '../../../shared/gateways/openai/chat-completions.ts';
import { openAiFailure } from '../../../shared/gateways/openai/errors.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passChatCompletionRoute, openAiFailure, passChatCompletion);
