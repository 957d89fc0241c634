import { countTokensRoute } from '../../../shared/api/gateways/anthropic.ts';
import { anthropicFailure } from '../../../shared/gateways/anthropic/errors.ts';
import { passTokenCount } from '../../../shared/gateways/anthropic/messages.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(countTokensRoute, anthropicFailure, passTokenCount);
