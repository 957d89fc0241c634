/** Answers in which every member is as it was asked for. */

export const trail = {
  name: "Hell's Revenge",
  location: 'Moab, Utah',
  description: 'Slickrock with steep climbs.',
  whyRecommended: 'It suits the vehicle.',
  source: 'alltrails',
  sourceName: 'AllTrails',
  difficulty: 4,
  length: '6.5 miles',
  elevationGain: '1,027 ft',
  bestSeason: 'Spring',
  permits: 'Day pass',
  vehicleCompatibility: 'marginal',
  sceneryType: ['desert', 'canyon'],
  warnings: ['Steep drops', 'No shade'],
};

export const found = {
  recommendations: [trail, { ...trail, name: 'Fins and Things', difficulty: 3, vehicleCompatibility: 'good' }],
  searchSummary: 'Two trails.',
};

export const settings = {
  transferCase: '4L',
  tractionControl: 'off',
  recommendedTirePressure: { front: 22, rear: 20, unit: 'psi' },
  lockers: ['rear'],
  additionalNotes: ['Use engine braking'],
};

export const analysis = {
  difficulty: 3,
  trailType: ['desert'],
  conditions: ['Dry'],
  hazards: ['Loose rock', 'Drop-off'],
  recommendations: ['Air down'],
  bestFor: ['Modified 4x4'],
  summary: 'A rocky road.',
  fuelEstimate: { bestCase: '2 gallons', worstCase: '5 gallons', notes: 'Estimated.' },
  emergencyComms: { cellCoverage: 'limited', recommendedMethods: ['Satellite messenger'] },
  starlinkCoverage: {
    coverage: 'some-issues',
    confidence: 'medium',
    obstructions: ['Trees'],
    bestSpots: ['Ridges'],
  },
};

export const a = { name: 'A', lat: 35, lng: -117, type: 'start', elevation: 2_000, day: 1, description: 'Go.' };
export const b = { name: 'B', lat: 35, lng: -116, type: 'end', elevation: 3_000, day: 2, description: 'Stop.' };

export const plan = {
  name: 'A to B',
  summary: 'Two days.',
  waypoints: [a, { ...a, name: 'Spring', type: 'water', lat: 35.1 }, b],
  routeSegments: [
    { from: 'A', to: 'Spring', distanceMiles: 40, hours: 3, difficulty: 2, notes: 'Sand.' },
    { from: 'Spring', to: 'B', distanceMiles: 30, hours: 2, difficulty: 4, notes: 'Rock.' },
  ],
  recommendations: ['Carry water'],
  warnings: ['Flash floods'],
};

export const verdict = {
  overallScore: 8,
  accuracy: { score: 8, issues: ['Vague'], unverifiedClaims: ['Permits', 'Length'] },
  hallucination: { detected: false, examples: [], severity: 'minor' },
  completeness: { score: 7, missingElements: ['Fuel'] },
  sourceQuality: { score: 7, issues: [], unverifiableSources: [] },
  summary: 'Fine.',
  improvements: ['Hedge'],
};
