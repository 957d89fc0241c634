import { visibleText } from '../../format/names.ts';
import { count } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import type { Instance } from './load.ts';

type Found = NonNullable<Instance['verdict']>;

/** What the judge found. */
export const Verdict = ({ verdict }: { verdict: Found }) => (
  <dl class="pairs inset">
    <dt>State</dt>
    <dd>
      {verdict.status} on <Time at={verdict.updatedAt} />
      {verdict.reason && <span class="muted">: {visibleText(verdict.reason)}</span>}
    </dd>
    {verdict.judgeModel && (
      <>
        <dt>Judge</dt>
        <dd>
          <Name text={verdict.judgeModel} />
        </dd>
      </>
    )}
    {verdict.figures && (
      <>
        <dt>Passed</dt>
        <dd>
          <Badge tone={verdict.figures.passed ? 'good' : 'bad'}>{verdict.figures.passed ? 'yes' : 'no'}</Badge>
        </dd>
        <dt>Scores</dt>
        <dd>
          overall {count(verdict.figures.overallScore)}, accuracy {count(verdict.figures.accuracyScore)}, completeness{' '}
          {count(verdict.figures.completenessScore)}, sources {count(verdict.figures.sourceQualityScore)}
        </dd>
        <dt>Made up</dt>
        <dd>{verdict.figures.hallucinationDetected ? verdict.figures.hallucinationSeverity : 'nothing'}</dd>
        <dt>Found</dt>
        <dd>
          issues {count(verdict.figures.issues)}, claims without a proof {count(verdict.figures.unverifiedClaims)},
          missing parts {count(verdict.figures.missingElements)}
        </dd>
      </>
    )}
    {verdict.texts && (
      <>
        <dt>Texts</dt>
        <dd>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
          <pre class="whole" tabIndex={0}>
            {visibleText(JSON.stringify(verdict.texts, undefined, 2))}
          </pre>
        </dd>
      </>
    )}
  </dl>
);
