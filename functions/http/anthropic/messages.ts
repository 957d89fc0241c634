import { passMessageRoute } from '../../../shared/api/gateways/anthropic.ts';
import { anthropicFailure } from '../../../shared/gateways/anthropic/errors.ts';
import { passMessage } from '../../../shared/gateways/anthropic/messages.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(passMessageRoute, anthropicFailure, passMessage);
