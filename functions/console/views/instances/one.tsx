import { request } from '../../data/client.ts';
import { useData } from '../../data/use-data.ts';
import { count } from '../../format/numbers.ts';
import { actOf } from '../../format/words.ts';
import { Figure } from '../../parts/figure.tsx';
import { Name } from '../../parts/name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { Usd } from '../../parts/usd.tsx';
import { CallTable, PriceTable } from './call-tables.tsx';
import type { Instance } from './load.ts';
import { KpiTable, StepTable } from './outcome-tables.tsx';
import { Verdict } from './verdict.tsx';

/** One instance: what its calls cost and were worth. */
export function OneInstance({ useCase, id, onBack }: { useCase: string; id: string; onBack: () => void }) {
  const loaded = useData(`instance ${useCase} ${id}`, (signal) =>
    request('GET /api/use-cases/{name}/instances/{id}', { params: { name: useCase, id }, signal }),
  );
  const { data } = loaded;
  return (
    <>
      <p>
        <button type="button" onClick={onBack}>
          ← All instances
        </button>
      </p>
      <InstanceFigures instance={data} />
      <Panel title="Instance" loaded={loaded}>
        {(instance) => <Facts instance={instance} />}
      </Panel>
      {data && (
        <>
          <Panel title="Calls" loaded={loaded}>
            {({ calls, more }) => <CallTable calls={calls} hasMore={more} />}
          </Panel>
          <Panel
            title="Price lines"
            loaded={loaded}
            isEmpty={({ calls }) => calls.every(({ priceLines }) => !priceLines?.length)}
            empty="No call has a price in our price book."
          >
            {({ calls }) => <PriceTable calls={calls} />}
          </Panel>
          <Panel title="KPIs" loaded={loaded} isEmpty={({ kpis }) => kpis.length === 0} empty="No score has come yet.">
            {({ kpis }) => <KpiTable kpis={kpis} />}
          </Panel>
          <Panel title="Steps" loaded={loaded}>
            {({ steps }) => <StepTable steps={steps} />}
          </Panel>
          <Panel
            title="Verdict"
            loaded={loaded}
            isEmpty={({ verdict }) => verdict === null}
            empty="No judge has looked at this instance."
          >
            {({ verdict }) => verdict && <Verdict verdict={verdict} />}
          </Panel>
        </>
      )}
    </>
  );
}

const InstanceFigures = ({ instance }: { instance: Instance | undefined }) => (
  <dl class="figures">
    <Figure name="Cost" note={instance && instance.unestimated > 0 ? 'some calls have no price' : 'by our price book'}>
      {instance && <Usd value={instance.estimatedUsd} />}
    </Figure>
    <Figure name="Cost at Pay-i" note={instance && `${count(instance.payiPriced)} calls priced`}>
      {instance && (instance.payiPriced === 0 ? '–' : <Usd value={instance.payiUsd} />)}
    </Figure>
    <Figure name="Calls" note={instance && `${count(instance.outcomes.failed)} failed`}>
      {instance && count(instance.requests)}
    </Figure>
    <Figure name="Tokens in">{instance && count(instance.tokens.input)}</Figure>
    <Figure name="Tokens out">{instance && count(instance.tokens.output)}</Figure>
  </dl>
);

const Facts = ({ instance }: { instance: Instance }) => (
  <dl class="pairs inset">
    <dt>Use case</dt>
    <dd>
      <Name text={instance.useCaseName} />, version {instance.version ?? 'none'}
    </dd>
    <dt>Instance</dt>
    <dd>
      <Name text={instance.useCaseId} />
    </dd>
    <dt>User</dt>
    <dd>
      <Name text={instance.userId} />
    </dd>
    <dt>Account</dt>
    <dd>
      <Name text={instance.accountName} />
    </dd>
    <dt>Time</dt>
    <dd>
      <Time at={instance.startedAt} />
      {instance.lastCallAt !== instance.startedAt && (
        <>
          , the last call <Time at={instance.lastCallAt} />
        </>
      )}
    </dd>
    <dt>Limits</dt>
    <dd>
      {instance.limits.length === 0 && <Name text={null} />}
      {instance.limits.map(({ id, type }) => (
        <p key={id} class="plain">
          <Name text={id} /> <span class="muted">{actOf(type)}</span>
        </p>
      ))}
    </dd>
  </dl>
);
