import { app } from '@azure/functions';
import './cpu.ts';
import '../../../../functions/http/anthropic/messages.ts';
import { services } from '../../../../functions/services/services.ts';

/** The gateway without the queue's function and the timers, as an instance that serves HTTP alone has it. */
app.setup({ enableHttpStream: true });
const { close } = services();
app.hook.appTerminate(close);
