import { useEffect, useState } from 'preact/hooks';
import { hrefOf, type Place, placeOf } from './place.ts';

const MOVED = 'trailmeter-moved';

/** The place of the address bar, as it changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location));
  useEffect(() => {
    const onMove = () => setPlace(placeOf(location));
    for (const name of ['popstate', MOVED]) addEventListener(name, onMove);
    return () => {
      for (const name of ['popstate', MOVED]) removeEventListener(name, onMove);
    };
  }, []);
  return place;
}

/** Goes to a place; the user can go back. */
export function goTo(place: { view: string; query?: Readonly<Record<string, string | undefined>> }): void {
  history.pushState(null, '', hrefOf(place));
  dispatchEvent(new Event(MOVED));
}

/** The state of the view that is shown, and how it is changed. `undefined` removes a member. */
export function useQuery(): [Place['query'], (change: Readonly<Record<string, string | undefined>>) => void] {
  const { view, query } = usePlace();
  return [query, (change) => goTo({ view, query: { ...query, ...change } })];
}
