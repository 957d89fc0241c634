import { useEffect, useId, useState } from 'preact/hooks';
import { visibleName } from '../../format/names.ts';

/** Photos to upload, shown as they were chosen. */
export function PhotoField() {
  const id = useId();
  const [shown, setShown] = useState<{ name: string; url: string }[]>([]);
  // Each address holds its photo in memory until it is revoked.
  useEffect(
    () => () => {
      for (const { url } of shown) URL.revokeObjectURL(url);
    },
    [shown],
  );
  return (
    <div class="field whole">
      <label for={id}>Photos</label>
      <input
        id={id}
        name="images"
        type="file"
        accept="image/*"
        multiple
        required
        onChange={(event) =>
          setShown(
            [...(event.currentTarget.files ?? [])].map((file) => ({ name: file.name, url: URL.createObjectURL(file) })),
          )
        }
      />
      {shown.length > 0 && (
        <ul class="photos">
          {shown.map(({ name, url }) => (
            <li key={url}>
              <img src={url} alt={visibleName(name)} width="96" height="72" />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
