import { request } from '../../../data/client.ts';
import { useAction } from '../../../data/use-action.ts';
import { localInput } from '../../../format/times.ts';
import { FailureNotice } from '../../../parts/failure-notice.tsx';
import { Dialog } from '../../../parts/forms/dialog.tsx';
import { Field, SelectField, TextField } from '../../../parts/forms/field.tsx';
import { changeOf, type Key, keyOf } from './key-form.ts';

/** Creates an access key, or changes what one allows. */
export function KeyDialog({
  accessKey,
  onClose,
  onDone,
}: {
  /** Absent: a new one. */
  accessKey: Key | undefined;
  onClose: () => void;
  /** @param secret what its caller sends; of a new key alone */
  onDone: (said: string, secret?: string) => void;
}) {
  const save = useAction(async (form: FormData) => {
    if (accessKey) {
      await request('PATCH /api/admin/keys/{name}', { params: { name: accessKey.name }, body: changeOf(form) });
      onDone(`Changed ${accessKey.name}.`);
    } else {
      const body = keyOf(form);
      const { key } = await request('POST /api/admin/keys', { body });
      onDone(`Created ${body.name}.`, key);
    }
  });
  return (
    <Dialog title={accessKey ? `Change ${accessKey.name}` : 'New access key'} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save.run(new FormData(event.currentTarget));
        }}
      >
        <div class="body fields">
          <Field
            label="Name"
            name="name"
            value={accessKey?.name ?? ''}
            disabled={accessKey !== undefined}
            required
            pattern="[a-z0-9][a-z0-9\-]{0,40}"
            hint="Small letters, digits and dashes. A name is never used again."
          />
          <SelectField label="Role" name="role" value={accessKey?.role ?? 'user'} options={roles} />
          <Field
            label="Account"
            name="account"
            value={accessKey?.account ?? ''}
            maxLength={200}
            hint="All of its calls count for it."
          />
          <Field
            label="Expires"
            name="expiresAt"
            type="datetime-local"
            value={localInput(accessKey?.expiresAt)}
            hint="In your time zone. Empty: never."
          />
          <Field
            label="May say for which user it calls"
            name="namesUsers"
            type="checkbox"
            checked={accessKey?.namesUsers ?? false}
          />
          <TextField label="Use cases" name="useCases" value={accessKey?.useCases?.join('\n') ?? ''} hint={EMPTY} />
          <TextField label="Models" name="models" value={accessKey?.models?.join('\n') ?? ''} hint={EMPTY} />
          <TextField
            label="Routes"
            name="routes"
            value={accessKey?.routes?.join('\n') ?? ''}
            hint="Such as POST /api/analyze, one in each line. Empty: all that the role may call."
          />
          {save.failure && <FailureNotice failure={save.failure} />}
        </div>
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={save.isRunning}>
            {accessKey ? 'Change' : 'Create'}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

const EMPTY = 'One in each line. Empty: all.';
const roles = [
  ['user', 'user'],
  ['admin', 'admin'],
] as const;
