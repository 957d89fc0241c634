import { passBatchCancelRoute } from '../../../../shared/api/gateways/anthropic-batches.ts';
import { passBatchCancel } from '../../../../shared/gateways/anthropic/batches/pass-batches.ts';
import { anthropicFailure } from '../../../../shared/gateways/anthropic/errors.ts';
import { serveGateway } from '../../../services/serve.ts';

serveGateway(passBatchCancelRoute, anthropicFailure, passBatchCancel);
