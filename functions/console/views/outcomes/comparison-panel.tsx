import type { Loaded } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import { visibleName } from '../../format/names.ts';
import { count, signedPercent } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { nameColumn } from '../../parts/columns.tsx';
import { Choice } from '../../parts/forms/choice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type ComparedFigure, comparableVersions, compareVersions, pairOf, type VersionPair } from './comparison.ts';
import { asMoney, asScore, EstimateText } from './estimate.tsx';
import type { Outcomes } from './load.ts';

/** Two versions of a use case side by side. */
export function ComparisonPanel({ loaded }: { loaded: Loaded<Outcomes> }) {
  const [query, setQuery] = useQuery();
  const comparable = comparableVersions(loaded.data?.rows ?? []);
  const [first = ''] = comparable.keys();
  const useCase = comparable.has(query['useCase'] ?? '') ? (query['useCase'] ?? '') : first;
  const versions = comparable.get(useCase) ?? [];
  const pair = pairOf(versions, query['one'], query['other']);
  const numbers = versions.map(({ version }) => [String(version), `version ${version}`] as const);
  return (
    <Panel
      title="Versions side by side"
      loaded={loaded}
      isBelow
      isEmpty={() => !pair}
      empty="No use case has instances of two versions in this time."
      controls={
        pair && (
          <>
            <Choice
              label="Use case"
              value={useCase}
              options={[...comparable.keys()].map((name) => [name, visibleName(name)] as const)}
              onChange={(value) => setQuery({ useCase: value, one: undefined, other: undefined })}
            />
            <Choice
              label="Of"
              value={String(pair.one.version)}
              options={numbers}
              onChange={(one) => setQuery({ one })}
            />
            <Choice
              label="and"
              value={String(pair.other.version)}
              options={numbers}
              onChange={(other) => setQuery({ other })}
            />
          </>
        )
      }
    >
      {() =>
        pair && (
          <Table
            caption={`Versions of ${useCase} side by side`}
            columns={columnsOf(pair)}
            rows={compareVersions(pair)}
            keyOf={({ name }) => name}
          />
        )
      }
    </Panel>
  );
}

const columnsOf = ({ one, other }: VersionPair): Column<ComparedFigure>[] => [
  nameColumn('figure', ({ name }) => name),
  versionColumn(`version ${one.version}`, ({ one: estimate }) => estimate),
  // The same version can stand on both sides; titles tell columns apart.
  versionColumn(`${one.version === other.version ? 'again ' : ''}version ${other.version}`, (row) => row.other),
  {
    title: 'difference',
    value: ({ change }) => change,
    show: ({ change }) => (change === null ? '–' : signedPercent(change)),
    isNumber: true,
  },
  {
    title: '95 % intervals',
    value: ({ areApart }) => (areApart === null ? null : areApart ? 'apart' : 'overlap'),
    show: ({ areApart }) =>
      areApart === null ? (
        '–'
      ) : (
        <span title={areApart ? undefined : 'The difference may be chance.'}>
          <Badge tone={areApart ? 'good' : 'quiet'}>{areApart ? 'apart' : 'overlap'}</Badge>
        </span>
      ),
  },
];

const formats = { usd: asMoney, score: asScore, count: (value: number) => count(value) };

const versionColumn = (
  title: string,
  estimateIn: (row: ComparedFigure) => ComparedFigure['one'],
): Column<ComparedFigure> => ({
  title,
  value: (row) => estimateIn(row)?.value,
  show: (row) => <EstimateText estimate={estimateIn(row)} format={formats[row.unit]} />,
  isNumber: true,
});
