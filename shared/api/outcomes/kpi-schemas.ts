import { z } from 'zod';

export const kpiTypeSchema = z.enum(['boolean', 'number', 'percentage', 'likert5', 'likert7', 'likert10']);

/** What is known of a declared KPI. */
export const kpiFactsSchema = z.strictObject({
  type: kpiTypeSchema,
  unit: z.string().describe('of a score; of the average of a boolean'),
  scale: z.array(z.number()).length(2).readonly().nullable().describe('least and most of the average'),
  description: z.string(),
  goal: z.number(),
  lowerIsBetter: z.boolean(),
});
