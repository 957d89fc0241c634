import { visibleText } from '../format/names.ts';
import { Badge } from './badge.tsx';

interface Check {
  name: string;
  ok: boolean;
  found: string;
  mend: string | null;
}

/** What was looked at, what was found, and what to do. */
export const Checks = ({ checks }: { checks: readonly Check[] }) => (
  <ul class="checks">
    {checks.map(({ name, ok, found, mend }) => (
      <li key={name}>
        <Badge tone={ok ? 'good' : 'bad'}>{name}</Badge>
        <div>
          <p class="text">{visibleText(found)}</p>
          {mend && <p class="text muted">{visibleText(mend)}</p>}
        </div>
      </li>
    ))}
  </ul>
);
