import { readAuditLogRoute } from '../../../shared/api/admin/audit-log.ts';
import { serve } from '../../services/serve.ts';

serve(readAuditLogRoute, async ({ query, services }) => ({ data: await services.adminLog.list(query) }));
