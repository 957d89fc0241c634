import { passEmbeddingsRoute } from '../../../shared/api/gateways/openai.ts';
import { passEmbeddings } from '../../../shared/gateways/openai/embeddings.ts';
import { openAiFailure } from '../../../shared/gateways/openai/errors.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passEmbeddingsRoute, openAiFailure, passEmbeddings);
