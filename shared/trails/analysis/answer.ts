import type { AnswerShape } from '../structured-output/ask.ts';
import { number, object, oneOf, optionalText, part, someOf, text, texts } from '../structured-output/fields.ts';

const pressures = object({
  front: number(0, 120, 30, 'psi'),
  rear: number(0, 120, 30, 'psi'),
  unit: oneOf(['psi'], 'psi'),
});

const vehicleSettings = object({
  transferCase: oneOf(['2H', '4H', '4L', 'AWD'], '4H'),
  tractionControl: oneOf(['on', 'off', 'trail-mode'], 'on'),
  recommendedTirePressure: part(pressures),
  lockers: someOf(['front', 'rear', 'both', 'none']),
  additionalNotes: texts(),
});

const emergencyComms = object({
  cellCoverage: oneOf(['none', 'limited', 'moderate', 'good'], 'limited'),
  recommendedMethods: texts(),
  notes: optionalText(),
  interVehicleComms: part(
    object({
      recommendedChannel: text('GMRS Channel 19'),
      channelType: oneOf(['gmrs', 'ham', 'frs', 'cb'], 'gmrs'),
      frequency: optionalText(),
      notes: optionalText(),
    }),
  ),
  emergencyFrequencies: part(
    object({
      primary: text('GMRS Channel 20 (462.675 MHz)'),
      secondary: optionalText(),
      hamEmergency: optionalText(),
      notes: optionalText(),
    }),
  ),
  localAuthorities: part(
    object({
      sheriff: optionalText(),
      searchAndRescue: optionalText(),
      blm: optionalText(),
      nps: optionalText(),
      forestService: optionalText(),
      stateParks: optionalText(),
      emergencyServices: text('911'),
      notes: optionalText(),
    }),
  ),
  recoveryServices: part(
    object({ recommended: optionalText(), alternates: texts(), localClubs: texts(), notes: optionalText() }),
  ),
});

const starlinkCoverage = object({
  coverage: oneOf(
    ['high-performance', 'good-coverage', 'some-issues', 'major-obstructions', 'zero-availability'],
    'some-issues',
  ),
  confidence: oneOf(['low', 'medium', 'high'], 'low'),
  obstructions: texts(),
  bestSpots: texts(),
  notes: optionalText(),
});

const core = {
  difficulty: number(1, 5, 5),
  trailType: texts(),
  conditions: texts(),
  hazards: texts(),
  recommendations: texts(),
  bestFor: texts(),
  summary: text(),
  fuelEstimate: part(object({ bestCase: text('Unknown'), worstCase: text('Unknown'), notes: optionalText() })),
  emergencyComms: part(emergencyComms),
  starlinkCoverage: part(starlinkCoverage),
};

/** The browser's `TrailAnalysis` without `rawResponse`. Settings for a vehicle are asked for only when there is one. */
const withoutVehicle = object(core);
const withVehicle = object({ ...core, vehicleSettings: part(vehicleSettings) });
export type Analysis = ReturnType<typeof withoutVehicle.read> & Partial<ReturnType<typeof withVehicle.read>>;

/** As callers get it; vehicleSettings only with a vehicle. */
export const analysisAnswerSchema = withoutVehicle.answer.extend({
  vehicleSettings: vehicleSettings.answer.optional(),
});

export const analysisShape = (hasVehicle: boolean): AnswerShape<Analysis> => ({
  field: hasVehicle ? withVehicle : withoutVehicle,
  flaw: (raw) => {
    if (typeof raw['difficulty'] !== 'number' || !Number.isFinite(raw['difficulty']))
      return 'difficulty is not a number';
    return text().read(raw['summary']) === '' ? 'summary is missing' : undefined;
  },
  unreadableText: 'Failed to analyze image. Please try again.',
});
