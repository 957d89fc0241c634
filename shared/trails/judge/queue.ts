import type { ServiceBusClient } from '@azure/service-bus';
import type { JudgeJob } from './job.ts';

export interface JudgeQueue {
  /** @param notBeforeMs UTC; the job is held back until then. */
  send(job: JudgeJob, notBeforeMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** The queue on Service Bus, with a client of its own. The message id names instance and attempt, so that a repeated send is one job. */
export function openJudgeQueue(client: ServiceBusClient, queueName: string): JudgeQueue {
  const sender = client.createSender(queueName);
  return {
    async send(job, notBeforeMs) {
      const message = {
        body: job,
        contentType: 'application/json',
        subject: job.useCaseName,
        messageId: `${job.useCaseId}-${job.attempt}`,
      };
      if (notBeforeMs === undefined) await sender.sendMessages(message);
      else await sender.scheduleMessages(message, new Date(notBeforeMs));
    },
    close: () => client.close(),
  };
}
