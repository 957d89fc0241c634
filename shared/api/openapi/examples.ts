import type { Route } from '../../http/route.ts';

/** A grey PNG of 8 × 8 pixels, in base64. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAMAAADz0U65AAAAA1BMVEV3d3dY20ihAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWNgoA4AAABIAAF7pRHIAAAAAElFTkSuQmCC';

const vehicleInfo = { make: 'Jeep', model: 'Wrangler', year: 2021, features: ['lift-kit', 'winch'] };
const messages = [{ role: 'user', content: 'Which tyres suit slickrock?' }];

const byFunction: Readonly<Record<string, unknown>> = {
  analyze: {
    images: [`data:image/png;base64,${PICTURE}`],
    vehicleInfo,
    context: { trailName: 'Hell’s Revenge', trailLocation: 'Moab, Utah' },
  },
  'search-trails': { location: 'Moab, Utah', vehicleInfo, searchRadius: 50, difficultyPref: 'moderate' },
  'plan-route': { startLocation: 'Moab, Utah', endLocation: 'Grand Junction, Colorado', durationDays: 2, vehicleInfo },
  judge: {
    useCase: 'trail_finder',
    question: { location: 'Moab, Utah' },
    answer: 'Fins and Things is a moderate trail of nine miles in the Sand Flats Recreation Area.',
    sources: ['https://www.example.com/fins-and-things'],
  },
  'record-kpis': {
    useCase: { name: 'trail_finder', id: '01890a5d-ac96-774b-bcce-b302099a8057' },
    kpis: [{ name: 'user_satisfaction', score: true }],
  },
  'check-limits': { model: 'claude-sonnet-5-5', max_tokens: 1_000, messages },
  'apply-limit-policies': {
    policies: [{ name: 'team-daily', scope: 'account', window: 'day', maxUsd: 25, type: 'block' }],
  },
  'plan-limit-policies': { policies: [] },
  'replay-alerts': { ids: ['msg_0123456789abcdef!0011223344556677'] },
  'decide-approval': { decision: 'approve' },
  'undo-limit-override': { change: '8236000000000-01890a5d-ac96-774b-bcce-b302099a8057' },
  'undo-limit-policy': { change: '01890a5d-ac96-774b-bcce-b302099a8057' },
  'create-limit': {
    name: 'team-monthly',
    scope: 'account',
    window: 'month',
    maxUsd: 250,
    threshold: 0.8,
    type: 'block',
  },
  'create-guide-limit': {
    limit_name: 'Company, monthly',
    limit_type: 'allow',
    max: 250,
    threshold: 200,
    properties: { scope: 'account', reset_period: 'monthly' },
  },
  'update-limit': { maxUsd: 300, threshold: null },
  'set-limit-override': { maxUsd: 20, until: '2099-01-31T00:00:00Z' },
  'correct-limit': { abandonedUsd: 1.25, actualUsd: 0.4 },
  'create-key': { name: 'partner', useCases: ['trail_finder'], account: 'Acme', expiresAt: '2099-01-31T00:00:00Z' },
  'change-key': { models: ['claude-sonnet-5-5'], account: null },
  'rotate-key': { keepOldHours: 24 },
  'replay-dead-letters': { code: 'rejected' },
  'discard-dead-letters': { ids: ['01890a5d-ac96-774b-bcce-b302099a8057'], reason: 'Sent by a test.' },
  'pass-message': { model: 'claude-sonnet-4-5', max_tokens: 200, messages },
  'pass-new-batch': {
    requests: [{ custom_id: 'tyres', params: { model: 'claude-sonnet-4-5', max_tokens: 200, messages } }],
  },
  'count-tokens': { model: 'claude-sonnet-4-5', messages },
  'pass-chat-completion': { model: 'gpt-4.1-mini', max_completion_tokens: 200, messages },
  'pass-response': { model: 'gpt-4.1-mini', max_output_tokens: 200, input: 'Which tyres suit slickrock?' },
  'pass-embeddings': { model: 'text-embedding-3-small', input: ['Which tyres suit slickrock?'] },
  'proxy-analyze': { images: [PICTURE], prompt: 'How rough is this trail?' },
  'proxy-trail-finder': { prompt: 'Find a moderate trail near Moab.' },
  'proxy-judge': { prompt: 'Is this answer right?', provider: 'anthropic', model: 'claude-sonnet-4-5' },
};

/** An example of the JSON body of a route. A test sends each of them. */
export const exampleOf = ({ function: name }: Pick<Route, 'function'>): unknown =>
  byFunction[name.replace(/-by-path$/, '')];
