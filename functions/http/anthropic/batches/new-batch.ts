import { passNewBatchRoute } from '../../../../shared/api/gateways/anthropic-batches.ts';
import { passNewBatch } from '../../../../shared/gateways/anthropic/batches/create-batch.ts';
import { anthropicFailure } from '../../../../shared/gateways/anthropic/errors.ts';
import { serveGateway } from '../../../services/serve.ts';

serveGateway(passNewBatchRoute, anthropicFailure, passNewBatch);
