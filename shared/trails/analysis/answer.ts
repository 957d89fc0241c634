import { z } from 'zod';
import { hinted } from '../reading/field-hints.ts';
import {
  anyText,
  difficulty,
  neededText,
  neededTexts,
  number,
  optionalText,
  texts,
  word,
  words,
} from '../reading/fields.ts';
import { pressuresInPsi } from '../reading/quantities.ts';
import { type AnswerShape, createShape } from '../reading/shape.ts';

/** Pressures that a driver can set: a number outside is in another unit or wrong. */
const pressure = () => number(5, 120, 'psi');

const pressures = hinted(
  z.strictObject({ front: pressure(), rear: pressure(), unit: word(['psi'], { otherwise: 'psi' }) }),
  {
    parse: pressuresInPsi,
  },
);

const lowRange = { '4lo': '4L', '4low': '4L', '4wdlow': '4L', lowrange: '4L' } as const;
const highRange = { '4hi': '4H', '4high': '4H', '4wdhigh': '4H', '2hi': '2H', '2high': '2H', '2wd': '2H' } as const;

const vehicleSettings = z.strictObject({
  transferCase: word(['2H', '4H', '4L', 'AWD'], { unknown: '4L', synonyms: { ...lowRange, ...highRange } }),
  tractionControl: word(['on', 'off', 'trail-mode'], {
    unknown: 'on',
    synonyms: { true: 'on', enabled: 'on', false: 'off', disabled: 'off', trail: 'trail-mode' },
  }),
  recommendedTirePressure: pressures.optional(),
  lockers: words(['front', 'rear', 'both', 'none'], { strict: true }).optional(),
  additionalNotes: texts(),
});

const emergencyComms = z.strictObject({
  cellCoverage: word(['none', 'limited', 'moderate', 'good'], {
    unknown: 'none',
    synonyms: { 'no coverage': 'none', 'no service': 'none', 'no signal': 'none', poor: 'limited', spotty: 'limited' },
  }),
  recommendedMethods: texts(),
  notes: optionalText(),
  interVehicleComms: z
    .strictObject({
      recommendedChannel: anyText('GMRS Channel 19'),
      channelType: word(['gmrs', 'ham', 'frs', 'cb']),
      frequency: optionalText(),
      notes: optionalText(),
    })
    .optional(),
  emergencyFrequencies: z
    .strictObject({
      primary: anyText('GMRS Channel 20 (462.675 MHz)'),
      secondary: optionalText(),
      hamEmergency: optionalText(),
      notes: optionalText(),
    })
    .optional(),
  localAuthorities: z
    .strictObject({
      sheriff: optionalText(),
      searchAndRescue: optionalText(),
      blm: optionalText(),
      nps: optionalText(),
      forestService: optionalText(),
      stateParks: optionalText(),
      emergencyServices: anyText('911'),
      notes: optionalText(),
    })
    .optional(),
  recoveryServices: z
    .strictObject({ recommended: optionalText(), alternates: texts(), localClubs: texts(), notes: optionalText() })
    .optional(),
});

const starlinkCoverage = z.strictObject({
  coverage: word(['high-performance', 'good-coverage', 'some-issues', 'major-obstructions', 'zero-availability'], {
    unknown: 'zero-availability',
  }),
  confidence: word(['low', 'medium', 'high'], { unknown: 'low' }),
  obstructions: texts(),
  bestSpots: texts(),
  notes: optionalText(),
});

const core = {
  difficulty: difficulty(),
  trailType: texts(),
  conditions: texts(),
  hazards: neededTexts(),
  recommendations: texts(),
  bestFor: texts(),
  summary: neededText('Unknown: the summary could not be read.'),
  fuelEstimate: z
    .strictObject({ bestCase: anyText('Unknown'), worstCase: anyText('Unknown'), notes: optionalText() })
    .optional(),
  emergencyComms: emergencyComms.optional(),
  starlinkCoverage: starlinkCoverage.optional(),
};

/** The browser's `TrailAnalysis` without `rawResponse`. Settings for a vehicle are asked for only when there is one. */
const withoutVehicle = z.strictObject(core);
/** As callers get it too. */
export const analysisAnswerSchema = z.strictObject({ ...core, vehicleSettings: vehicleSettings.optional() });
export type Analysis = z.output<typeof analysisAnswerSchema>;

/** Without any of these three an answer does not assess a trail. */
const essential = ['difficulty', 'hazards', 'summary'];
const parts = {
  usable: (_answer: unknown, unknown: ReadonlySet<string>) => !essential.every((name) => unknown.has(name)),
  unreadableText: 'Failed to analyze image. Please try again.',
};
const shapes = {
  without: createShape({ schema: withoutVehicle, ...parts }),
  with: createShape({ schema: analysisAnswerSchema, ...parts }),
};

export const analysisShape = (hasVehicle: boolean): AnswerShape<typeof withoutVehicle | typeof analysisAnswerSchema> =>
  hasVehicle ? shapes.with : shapes.without;
