import { createAnswerView } from './answer-view.ts';
import { features } from './features.ts';
import { showLimits } from './limits-view.ts';

const limits = find<HTMLElement>('#limits ul');
void showLimits(limits);

for (const [name, { useCase, run }] of Object.entries(features)) {
  const form = find<HTMLFormElement>(`#${name}`);
  const button = find<HTMLButtonElement>(`#${name} button`);
  form.addEventListener('submit', async (submitted) => {
    submitted.preventDefault();
    button.disabled = true;
    await run(new FormData(form), createAnswerView(find(`[data-for=${name}]`), useCase));
    button.disabled = false;
    await showLimits(limits);
  });
}

function find<E extends Element>(selector: string): E {
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}
