import { visibleText } from '../format/names.ts';
import { count } from '../format/numbers.ts';
import { wordsOf } from '../format/words.ts';

/** Any JSON value for people to read: members as pairs, lists as lists. Texts are texts, also where they are addresses. */
export function Facts({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === '') return <span class="muted">–</span>;
  if (typeof value === 'number') return <>{count(value)}</>;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (Array.isArray(value)) return <FactList values={value} />;
  if (typeof value === 'object') return <Pairs value={value} />;
  return <bdi class="text">{visibleText(String(value))}</bdi>;
}

function FactList({ values }: { values: readonly unknown[] }) {
  if (values.length === 0) return <span class="muted">none</span>;
  return (
    <ul class="facts">
      {values.map((value, index) => (
        <li key={index}>
          <Facts value={value} />
        </li>
      ))}
    </ul>
  );
}

const Pairs = ({ value }: { value: object }) => (
  <dl class="fact-pairs">
    {Object.entries(value).flatMap(([name, member]) => [
      <dt key={`${name} name`}>{wordsOf(name)}</dt>,
      <dd key={name}>
        <Facts value={member} />
      </dd>,
    ])}
  </dl>
);
