import { app } from '@azure/functions';
import './cpu.ts';
import '../../../../functions/http/anthropic/messages.ts';
import '../../../../functions/http/openai/chat-completions.ts';
import { services } from '../../../../functions/services/services.ts';

/** The gateways without the queue's function and the timers, as an instance that serves HTTP alone has it. */
app.setup({ enableHttpStream: true });
const { close } = services();
app.hook.appTerminate(close);
