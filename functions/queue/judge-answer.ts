import { app } from '@azure/functions';
import { workOffJudgeJob } from '../../shared/trails/judge/work.ts';
import { services } from '../services.ts';

app.serviceBusQueue('judge-answer', {
  connection: 'ServiceBusConnection',
  queueName: '%JUDGE_QUEUE%',
  handler: (message) => workOffJudgeJob(services(), message),
});
