import { randomBytes, randomUUID } from 'node:crypto';
import type { App, AppFunction, Log } from './app.ts';
import type { CoreInvocationContext, InvocationResponse, RpcTypedData } from './core-types.ts';

export interface Invocation {
  data: RpcTypedData;
  triggerMetadata: Record<string, RpcTypedData>;
  invocationId?: string;
  /** W3C trace context of the caller, when there is one. */
  traceParent?: string;
  traceState?: string;
}

export type Invoke = (target: AppFunction, invocation: Invocation) => Promise<InvocationResponse>;

export interface Invoker {
  /** Runs a function with its hooks as the worker does. @throws what the function threw, after it was logged */
  invoke: Invoke;
  /** Resolves when no function runs. */
  idle(): Promise<void>;
}

/**
 * Failures that would count as success in the real worker (nothing was thrown that it can see) do so here.
 * `timedOut` is called when a function runs longer than it may: nothing can stop it but the end of the process.
 */
export function createInvoker(app: App, log: Log, timeoutMs: number, timedOut: (text: string) => void): Invoker {
  const running = new Set<Promise<unknown>>();

  async function run(target: AppFunction, invocation: Invocation): Promise<InvocationResponse> {
    const context = coreContext(target, invocation, log);
    const model = app.model.getInvocationModel(context);
    const { context: invocationContext, inputs } = await model.getArguments();
    const hookContext: Record<string, unknown> = {
      hookData: {},
      appHookData: app.appHookData,
      invocationContext,
      inputs,
      functionCallback: target.callback,
    };
    context.state = 'preInvocationHooks';
    for (const hook of app.hooks.preInvocation) await hook(hookContext);
    context.state = 'invocation';
    try {
      hookContext['result'] = await model.invokeFunction(
        invocationContext,
        hookContext['inputs'] as unknown[],
        hookContext['functionCallback'] as typeof target.callback,
      );
    } catch (error) {
      hookContext['error'] = error;
    }
    context.state = 'postInvocationHooks';
    for (const hook of app.hooks.postInvocation) await hook(hookContext);
    context.state = undefined;
    if (hookContext['error'] !== undefined && hookContext['error'] !== null) throw hookContext['error'];
    return model.getResponse(invocationContext, hookContext['result']);
  }

  return {
    async invoke(target, invocation) {
      const work = run(target, invocation);
      running.add(work);
      const timer = setTimeout(() => {
        timedOut(`Timeout value of ${timeoutMs / 1000} s exceeded by function "${target.metadata.name}".`);
      }, timeoutMs);
      try {
        return await work;
      } catch (error) {
        log(`Executed with a failure: ${describe(error)}`, target.metadata.name);
        throw error;
      } finally {
        clearTimeout(timer);
        running.delete(work);
      }
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

function coreContext(target: AppFunction, invocation: Invocation, log: Log): CoreInvocationContext {
  const invocationId = invocation.invocationId ?? randomUUID();
  return {
    invocationId,
    request: {
      invocationId,
      inputData: [{ name: target.triggerName, data: invocation.data }],
      triggerMetadata: invocation.triggerMetadata,
      traceContext: {
        traceParent: childOf(invocation.traceParent),
        traceState: invocation.traceState ?? '',
        attributes: {},
      },
    },
    metadata: target.metadata,
    state: undefined,
    log: (level, _category, message) => {
      if (level !== 'trace' && level !== 'debug') log(message, target.metadata.name);
    },
  };
}

/** The host's own span: in the caller's trace, or in a new one. */
function childOf(traceParent: string | undefined): string {
  const parent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(traceParent ?? '');
  const random = randomBytes(24).toString('hex');
  return `00-${parent?.[1] ?? random.slice(0, 32)}-${random.slice(32)}-${parent?.[2] ?? '00'}`;
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? error.message;
  return error.cause === undefined ? text : `${text}\ncaused by ${describe(error.cause)}`;
}
