import { useEffect, useRef } from 'preact/hooks';
import { hrefOf } from '../data/place.ts';
import { useSession } from '../data/session.ts';
import { goTo, usePlace } from '../data/use-place.ts';
import { Name } from '../parts/name.tsx';
import { views } from './views.ts';

/** Navigation, who is signed in, and the view of the address. */
export function Frame() {
  const { caller, signOut } = useSession();
  const { view: name } = usePlace();
  const open = views.filter(({ access }) => access === 'user' || caller.role === 'admin');
  const view = open.find((each) => each.name === name);
  const main = useRef<HTMLElement>(null);
  const title = view?.title ?? 'Not found';
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the navigation is longer than the screen is wide.
    const link = nav.current?.querySelector('[aria-current]');
    // Not by `scrollIntoView`, after which the Tab key would go on from here.
    if (nav.current && link)
      nav.current.scrollLeft += link.getBoundingClientRect().right - nav.current.getBoundingClientRect().right;
    document.title = `${title} · Trailmeter`;
  }, [title]);

  return (
    <div class="frame">
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <a class="brand" href="/console">
          Trailmeter
        </a>
        <nav aria-label="Views" ref={nav}>
          <ul>
            {open.map((each) => (
              <li key={each.name}>
                <a
                  href={hrefOf({ view: each.name })}
                  aria-current={each.name === name ? 'page' : undefined}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    goTo({ view: each.name });
                    main.current?.focus();
                  }}
                >
                  {each.title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="who">
          <a href="/api/docs">API</a>
          <span title={`${caller.role}, by ${caller.via}`}>
            <Name text={caller.userId} />
          </span>
          {(caller.via === 'access-key' || caller.via === 'jwt') && (
            <button type="button" class="quiet" onClick={() => signOut()}>
              Sign out
            </button>
          )}
          {caller.via === 'app-service' && <a href="/.auth/logout?post_logout_redirect_uri=/console">Sign out</a>}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <h1>{title}</h1>
        {view ? <view.Page /> : <p>There is no such view, or it is for admins alone.</p>}
      </main>
    </div>
  );
}
