import { Badge } from '../../parts/badge.tsx';
import { Facts } from '../../parts/facts.tsx';
import type { FeatureAnswer } from './features.ts';
import { Route } from './route.tsx';
import { Trails } from './trails.tsx';

/** What a feature answered, for people to read. */
export function Answer({ result }: { result: FeatureAnswer }) {
  switch (result.kind) {
    case 'analyze': {
      const { rawResponse: _raw, warnings, unknown: _unknown, ...analysis } = result.answer.analysis;
      return (
        <>
          <Warnings texts={warnings} />
          <Facts value={analysis} />
        </>
      );
    }
    case 'search': {
      const { searchSummary, recommendations, warnings } = result.answer;
      return (
        <>
          <p>
            <Facts value={searchSummary} />
          </p>
          <Warnings texts={warnings} />
          <Trails trails={recommendations} />
        </>
      );
    }
    case 'plan':
      return <Route plan={result.answer} />;
    case 'judge':
      if (result.answer.status === 'skipped') return <p>No judge is set up.</p>;
      return (
        <>
          <p>
            <Badge tone={result.answer.verdict.passed ? 'good' : 'bad'}>
              {result.answer.verdict.passed ? 'passed' : 'not passed'}
            </Badge>
          </p>
          <Facts value={result.answer.verdict} />
        </>
      );
  }
}

const Warnings = ({ texts }: { texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <div class="notice warn">
      <Facts value={texts} />
    </div>
  );
