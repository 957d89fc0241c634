import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { enveloped } from '../answers.ts';

const outcome = {
  result: z.enum(['created', 'exists', 'updated', 'failed']),
  changes: z
    .array(
      z.strictObject({
        member: z.string(),
        from: z.union([z.string(), z.number()]).nullable(),
        to: z.union([z.string(), z.number()]),
      }),
    )
    .optional(),
  reason: z.string().optional(),
};

/** What became of each item, or would. */
const items = z.strictObject({
  useCaseDefinitions: z.array(z.strictObject({ use_case_name: z.string(), ...outcome })),
  kpis: z.array(z.strictObject({ useCaseName: z.string(), kpi_name: z.string(), ...outcome })),
  limits: z.array(z.strictObject({ limit_id: z.string(), ...outcome })),
});

export const readPayiSetupRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/payi-setup',
  function: 'read-payi-setup',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Use cases, KPIs and the latest limits at Pay-i, and what a set-up would change there',
  answers: {
    200: enveloped(
      z.strictObject({
        enabled: z.literal(true),
        useCases: z.array(
          z.strictObject({
            use_case_name: z.string(),
            description: z.string().optional(),
            version: z.number().optional(),
            properties: z.record(z.string(), z.string()).optional(),
          }),
        ),
        kpis: z.array(
          z.strictObject({
            useCaseName: z.string(),
            kpi_name: z.string(),
            description: z.string().optional(),
            value_type: z.string(),
            goal: z.number().optional(),
          }),
        ),
        limits: z.array(
          z.strictObject({
            limit_id: z.string(),
            limit_name: z.string(),
            max: z.number(),
            threshold: z.number().optional(),
            limit_type: z.string().optional(),
          }),
        ),
        dryRun: items,
      }),
    ),
  },
  failures: [502, 503],
});

export const setUpPayiRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/payi-setup',
  function: 'set-up-payi',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Makes use cases, KPIs and current limits at Pay-i equal to the declared ones; safe to repeat',
  answers: {
    200: z.strictObject({
      /** False when an item failed. */
      success: z.boolean(),
      data: items,
      errors: z.array(z.string()).optional(),
      message: z.string(),
    }),
  },
  failures: [502, 503],
});
