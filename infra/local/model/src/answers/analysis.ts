import type { Scene } from './scene.ts';

/** An assessment of trail photos. */
export function analysisAnswer(scene: Scene): Record<string, unknown> {
  const { place, random } = scene;
  const named = place.trails.find((trail) => scene.prompt.includes(trail.name));
  const difficulty = named?.difficulty ?? random.below(3) + 2;
  const dry = place.scenery.includes('desert');
  return {
    difficulty,
    trailType: dry ? ['desert', difficulty > 3 ? 'rock-crawl' : 'fire-road'] : ['forest', 'mountain'],
    conditions: random.some(
      dry
        ? ['Dry and dusty surface', 'Embedded rock with loose gravel on top', 'Shallow washouts across the track']
        : ['Damp soil in the shade', 'Exposed roots and rock', 'Ruts from earlier rain'],
      2,
    ),
    hazards: [...place.hazards],
    recommendations: [
      'Air down before the first climb and carry a compressor',
      'Walk the blind crests before driving them',
      'Verify current conditions with the land manager',
    ],
    bestFor: difficulty > 3 ? ['Modified 4x4', 'Side-by-side/UTV'] : ['Stock SUV/4x4', 'Overlanding rig'],
    summary: `The photos appear to show a ${dry ? 'dry, rocky' : 'forested, uneven'} track that fits ${named?.name ?? place.name}. Expect ${place.hazards[0]?.toLowerCase()}; conditions change, so verify them before you go.`,
    vehicleSettings: {
      transferCase: difficulty > 3 ? '4L' : '4H',
      tractionControl: difficulty > 3 ? 'off' : 'trail-mode',
      recommendedTirePressure: { front: 22, rear: 22, unit: 'psi' },
      lockers: difficulty > 3 ? ['rear'] : ['none'],
      additionalNotes: ['Use engine braking on the descents'],
    },
    fuelEstimate: {
      bestCase: '2–3 gallons',
      worstCase: '5–6 gallons',
      notes: 'Assumes 12–15 mpg on the trail and some back-tracking.',
    },
    emergencyComms: {
      cellCoverage: place.scenery.includes('canyon') ? 'none' : 'limited',
      recommendedMethods: ['Satellite messenger with SOS', 'GMRS radio within the group'],
      notes: 'Coverage is inferred from the terrain.',
      interVehicleComms: {
        recommendedChannel: 'GMRS Channel 19',
        channelType: 'gmrs',
        frequency: '462.650 MHz',
        notes: 'Agree on a second channel before you start.',
      },
      emergencyFrequencies: {
        primary: 'GMRS Channel 20 (462.675 MHz)',
        secondary: '446.000 MHz',
        hamEmergency: '146.520 MHz',
        notes: 'A ham licence is needed to transmit outside an emergency.',
      },
      localAuthorities: {
        sheriff: `${place.county} Sheriff (verify the number)`,
        searchAndRescue: `${place.county} Search and Rescue`,
        emergencyServices: '911',
        notes: 'Cell coverage may not reach the trail; carry a satellite back-up.',
      },
      recoveryServices: {
        recommended: `Off-road recovery in ${place.county} (verify locally)`,
        alternates: ['Recovery groups of the local 4x4 community'],
        localClubs: [`A 4x4 club of ${place.county}`],
        notes: 'Ordinary towing rarely goes off-road.',
      },
    },
    starlinkCoverage: {
      coverage: place.scenery.includes('canyon') ? 'some-issues' : 'good-coverage',
      confidence: 'medium',
      obstructions: place.scenery.includes('forest') ? ['Trees along the track'] : ['Rock walls in the narrows'],
      bestSpots: ['Open ridges', 'Wide pull-outs'],
      notes: 'Satellites move; expect short gaps.',
    },
  };
}
