import type { Settings } from '../../config/settings.ts';
import { type HttpAnswer, json } from '../../http/answer.ts';

/** `GET /health`: the process answers, and which keys it has. Whether its parts work says `/api/health/ready`. */
export const proxyHealth = (settings: Settings): HttpAnswer =>
  json(200, {
    status: 'healthy',
    service: settings.SERVICE_NAME,
    payi_enabled: settings.PAYI_API_KEY !== undefined,
    anthropic_enabled: settings.ANTHROPIC_PLATFORM !== 'anthropic' || settings.ANTHROPIC_API_KEY !== undefined,
  });
