import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionHost, startHost } from '../src/host.ts';
import { send } from './raw-request.ts';
import { buildTestApp, eventually, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await buildTestApp('instances');
});
afterAll(() => app.remove());

const lines: string[] = [];

async function withHost(
  options: Partial<Parameters<typeof startHost>[0]>,
  test: (host: FunctionHost) => Promise<void>,
) {
  const host = await startHost({
    appDirectory: app.directory,
    env: { EACH: '0 0 0 1 1 *' },
    log: (line) => lines.push(line),
    ...options,
  });
  try {
    await test(host);
  } finally {
    await host.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const pidAt = async (host: FunctionHost) => Number((await send(`${host.url}/pid`)).body);

describe('instances', () => {
  it('take requests in turn; one that was killed is left out until it starts again', async () => {
    await withHost({ instances: 3 }, async (host) => {
      const [first, second, third] = host.instances;
      const all = host.instances.map(({ pid }) => pid);
      const answered = async (count: number) => {
        const pids = [];
        for (let index = 0; index < count; index += 1) pids.push(await pidAt(host));
        return pids;
      };
      expect((await answered(6)).sort()).toEqual([...all, ...all].sort());

      await second?.kill();
      expect(second?.pid).toBe(0);
      expect(new Set(await answered(6))).toEqual(new Set([first?.pid, third?.pid]));

      await second?.restart();
      expect(new Set(await answered(6))).toEqual(new Set(host.instances.map(({ pid }) => pid)));
    });
  });

  it('answer 502 for the request that was with the killed one, 503 when none is left', async () => {
    await withHost({}, async (host) => {
      const lost = send(`${host.url}/slow`);
      await eventually(() => lines.join('\n')).toContain('[slow] slow begins');
      await host.instances[0]?.kill();
      expect((await lost).status).toBe(502);
      expect((await send(`${host.url}/pid`)).status).toBe(503);
    });
  });

  it('start again by themselves after a crash', async () => {
    await withHost({}, async (host) => {
      const before = await pidAt(host);
      expect((await send(`${host.url}/crash`)).status).toBe(502);
      await eventually(async () => (await send(`${host.url}/pid`)).status).toBe(200);
      expect(await pidAt(host)).not.toBe(before);
      expect(lines.join('\n')).toContain('crashed on purpose');
    });
  });

  it('start again when a function runs longer than host.json lets it', async () => {
    const own = await buildTestApp('instances', {}, { functionTimeout: '00:00:00.2' });
    await withHost({ appDirectory: own.directory }, async (host) => {
      expect((await send(`${host.url}/slow`)).status).toBe(502);
      await eventually(async () => (await send(`${host.url}/pid`)).status).toBe(200);
      expect(lines.join('\n')).toContain('Timeout value of 0.2 s exceeded by function "slow"');
    });
    await own.remove();
  });

  it('run a timer on one of them alone', async () => {
    await withHost({ instances: 2 }, async (host) => {
      const runs = async () => [
        (await send(`${host.url}/timer-runs`)).body,
        (await send(`${host.url}/timer-runs`)).body,
      ];
      await eventually(async () => (await runs()).sort()).toEqual(['0', '1']);
      await send(`${host.url}/admin/functions/each`, {
        method: 'POST',
        body: '{"input":""}',
        headers: { 'content-length': 12 },
      });
      await eventually(async () => (await runs()).map(Number).reduce((a, b) => a + b)).toBe(2);
    });
  });

  it('see no environment beside their settings', async () => {
    process.env['OF_THE_PARENT'] = 'secret';
    await withHost({ env: { EACH: '0 0 0 1 1 *', OWN: 'yes' } }, async (host) => {
      const environment = JSON.parse((await send(`${host.url}/environment`)).body);
      expect(environment).toMatchObject({ OWN: 'yes' });
      expect(environment).not.toHaveProperty('OF_THE_PARENT');
    });
  });
});

describe('the end', () => {
  it('lets a running function answer, then tells the app, and waits for no connection that is kept alive', async () => {
    let slow: ReturnType<typeof send> | undefined;
    await withHost({ graceMs: 600_000 }, async (host) => {
      lines.length = 0;
      slow = send(`${host.url}/slow`);
      await eventually(() => lines.join('\n')).toContain('slow begins');
    });
    expect(await slow).toMatchObject({ status: 200, body: 'ended' });
    expect(lines).toContain('the app terminates');
  });

  it('is not brought on by the Ctrl-C that the whole process group gets', async () => {
    await withHost({}, async (host) => {
      const [instance] = host.instances;
      process.kill(instance?.pid ?? 0, 'SIGINT');
      expect((await send(`${host.url}/slow`)).status).toBe(200);
      expect(await pidAt(host)).toBe(instance?.pid);
    });
  });

  it('does not wait longer than the grace time', async () => {
    let crash: Promise<unknown> | undefined;
    await withHost({ graceMs: 100 }, async (host) => {
      lines.length = 0;
      crash = send(`${host.url}/slow`).catch(() => 'cut');
      await eventually(() => lines.join('\n')).toContain('slow begins');
    });
    expect(await crash).toMatchObject({ status: 502 });
  });

  it('comes to the app and the tables also when the host is killed', async () => {
    const parent: ChildProcess = fork(fileURLToPath(new URL('./parent.ts', import.meta.url)), [app.directory], {
      execArgv: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const [line] = await once(parent.stdout ?? parent, 'data');
    const { pids, tables } = JSON.parse(String(line)) as { pids: number[]; tables: string };
    expect(pids.map(isAlive)).toEqual([true, true]);
    expect((await fetch(tables)).status).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    await eventually(() => pids.map(isAlive)).toEqual([false, false]);
    await eventually(() => fetch(tables).catch(() => 'gone')).toBe('gone');
  });
});

describe('a start that fails', () => {
  it("tells the app's own words", async () => {
    await expect(withHost({ env: { WRONG: 'x' } }, async () => {})).rejects.toThrow('WRONG is "x": leave it out.');
  });

  it('reports a wrong value in host.json', async () => {
    const own = await buildTestApp('instances', { maxMessageBatchSize: 0, maxBatchWaitTime: '2 s' });
    await expect(withHost({ appDirectory: own.directory }, async () => {})).rejects.toThrow(
      /maxMessageBatchSize is 0; it must be a whole number/,
    );
    await own.remove();
  });

  it('reports a wrong schedule', async () => {
    await expect(withHost({ env: { EACH: 'daily' } }, async () => {})).rejects.toThrow(
      /Schedule "daily" needs 6 fields/,
    );
  });

  it('reports a port that is taken, and what to do', async () => {
    await withHost({}, async (host) => {
      await expect(withHost({ port: Number(new URL(host.url).port) }, async () => {})).rejects.toThrow(
        /taken: end what listens there, or give another with --port/,
      );
    });
  });
});
