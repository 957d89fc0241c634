import { app } from '@azure/functions';
import { processJudgeJob } from '../../shared/trails/judge/process-judge-job.ts';
import { services } from '../services/services.ts';

app.serviceBusQueue('judge-answer', {
  connection: 'ServiceBusConnection',
  queueName: '%JUDGE_QUEUE%',
  handler: (message) => processJudgeJob(services(), message),
});
