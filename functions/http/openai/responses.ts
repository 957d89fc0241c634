import { passResponseRoute } from '../../../shared/api/gateways/openai.ts';
import { openAiFailure } from '../../../shared/gateways/openai/errors.ts';
import { passResponse } from '../../../shared/gateways/openai/responses.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passResponseRoute, openAiFailure, passResponse);
