import { useState } from 'preact/hooks';
import { request } from '../../../data/client.ts';
import { useData } from '../../../data/use-data.ts';
import { Confirm } from '../../../parts/forms/confirm.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { KeyDialog } from './key-dialog.tsx';
import type { Key } from './key-form.ts';
import { KeyTable } from './key-table.tsx';
import { SecretDialog } from './secret-dialog.tsx';

type Open =
  | { what: 'create' }
  | { what: 'change' | 'rotate' | 'revoke'; accessKey: Key }
  | { what: 'secret'; secret: string };

/** Hours for which the old secret stays valid when a key is rotated here. */
const KEEP_OLD_HOURS = 24;

/** Access keys that are kept as records. */
export function KeysPanel() {
  const [open, setOpen] = useState<Open>();
  const [said, setSaid] = useState('');
  const loaded = useData('keys', (signal) => request('GET /api/admin/keys', { signal }));
  const close = () => setOpen(undefined);
  const done = (what: string, secret?: string) => {
    setSaid(what);
    setOpen(secret === undefined ? undefined : { what: 'secret', secret });
    loaded.reload();
  };
  return (
    <>
      <p class="said" role="status">
        {said}
      </p>
      <Panel
        title="Access keys"
        loaded={loaded}
        isEmpty={({ keys }) => keys.length === 0}
        empty="There are no keys but those of the setting ACCESS_KEYS."
        controls={
          <button type="button" onClick={() => setOpen({ what: 'create' })}>
            New key …
          </button>
        }
      >
        {({ keys }) => <KeyTable keys={keys} onAction={(what, accessKey) => setOpen({ what, accessKey })} />}
      </Panel>
      {open?.what === 'create' && <KeyDialog accessKey={undefined} onClose={close} onDone={done} />}
      {open?.what === 'change' && <KeyDialog accessKey={open.accessKey} onClose={close} onDone={done} />}
      {open?.what === 'secret' && <SecretDialog secret={open.secret} onClose={close} />}
      {open?.what === 'rotate' && (
        <Confirm
          title={`Rotate ${open.accessKey.name}`}
          verb="Rotate"
          onClose={close}
          act={async () => {
            const { name } = open.accessKey;
            const body = { keepOldHours: KEEP_OLD_HOURS };
            const { key } = await request('POST /api/admin/keys/{name}/rotate', { params: { name }, body });
            done(`Rotated ${name}.`, key);
          }}
        >
          <p>It gets a second secret. The first one ends in {KEEP_OLD_HOURS} hours.</p>
        </Confirm>
      )}
      {open?.what === 'revoke' && (
        <Confirm
          title={`Revoke ${open.accessKey.name}`}
          verb="Revoke"
          onClose={close}
          act={async () => {
            const { name } = open.accessKey;
            await request('DELETE /api/admin/keys/{name}', { params: { name } });
            done(`Revoked ${name}.`);
          }}
        >
          <p>Its callers are refused on all instances within a minute. This is final; its record stays.</p>
        </Confirm>
      )}
    </>
  );
}
