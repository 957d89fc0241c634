import { getUsageRoute } from '../../../shared/api/usage.ts';
import { usageText } from '../../../shared/api/usage-text.ts';
import { allDimensions, toUsageQuery } from '../../../shared/usage/answers/usage-request.ts';
import { serve } from '../../services/serve.ts';

serve(getUsageRoute, async ({ query, caller, services }) => {
  const { settings, clock, usage } = services;
  const report = await usage.report(toUsageQuery(query, caller, clock.now(), settings.USAGE_PROPERTIES));
  return query.format === 'json'
    ? { data: { ...report, dimensions: allDimensions(settings.USAGE_PROPERTIES) } }
    : { encoded: usageText(report, query.format) };
});
