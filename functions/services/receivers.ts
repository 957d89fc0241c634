import type { Settings } from '../../shared/config/settings.ts';
import { emailReceiver } from '../../shared/limits/alerts/alert-email.ts';
import { type AlertReceiver, webhookReceiver } from '../../shared/limits/alerts/alert-receivers.ts';

/** Who gets the alerts of limits by the settings. */
export function alertReceivers(settings: Settings): AlertReceiver[] {
  const {
    LIMIT_WEBHOOK_URL: targets = [],
    LIMIT_EMAIL_CONNECTION: connection,
    LIMIT_EMAIL_FROM: from,
    LIMIT_EMAIL_TO: to,
  } = settings;
  const webhooks = targets.map(webhookReceiver);
  return connection && from && to.length > 0 ? [...webhooks, emailReceiver({ connection, from, to })] : webhooks;
}
