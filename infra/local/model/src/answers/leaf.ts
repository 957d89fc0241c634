/** Texts for members that none of our answers has, by what their names say. First match wins. */
const texts: readonly [RegExp, (place: string) => string][] = [
  [/url|link|href/i, () => 'https://www.alltrails.com/'],
  [/(trail|route)?name|title/i, (place) => `A trail near ${place}`],
  [/location|region|area|place|city|address/i, (place) => place],
  [/hazard|danger|warning|risk/i, () => 'Loose rock on the climbs'],
  [/recommend|advice|tip|suggest|improve/i, () => 'Verify current conditions with the land manager'],
  [/summary|description|overview|notes?|reason|explanation/i, (place) => `A track near ${place}; conditions change.`],
  [/length|distance/i, () => '12 miles'],
  [/time|duration|hours/i, () => '3 hours'],
  [/elevation|gain|climb/i, () => '1,200 ft'],
  [/season|month/i, () => 'Spring and autumn'],
  [/permit|fee/i, () => 'None required'],
  [/phone|contact/i, () => 'Verify locally'],
  [/frequency|channel/i, () => 'GMRS Channel 19'],
  [/water/i, () => 'Carry all the water you need'],
  [/fuel|gas/i, () => '3–5 gallons'],
  [/camp/i, () => 'Dispersed camping at existing sites'],
];

/** A plain text that fits a member of this name. */
export const leafText = (name: string, place: string): string =>
  texts.find(([pattern]) => pattern.test(name))?.[1](place) ?? `To be verified near ${place}`;
