/** A part of an upload: a text, or a file with its name and type. An empty type leaves the type to the client. */
export type UploadPart =
  | { field: string; text: string }
  | { field: string; path: string; fileName: string; type: string };

/** A form as people send it, and how many images the model must get from it. */
export interface UploadForm {
  name: string;
  parts: UploadPart[];
  images: number;
}

/** The forms. `photo` is the path of a small JPEG, `empty` that of an empty file. */
export function uploadForms(photo: string, empty: string): UploadForm[] {
  const image = (fileName: string, { field = 'images', type = 'image/jpeg' } = {}): UploadPart => ({
    field,
    path: photo,
    fileName,
    type,
  });
  const model: UploadPart = { field: 'model', text: 'claude-sonnet-5-5' };
  return [
    { name: 'one-photo', parts: [image('trail.jpg'), model], images: 1 },
    { name: 'quotes', parts: [image('the "Jeep"; it\'s mine.jpg'), model], images: 1 },
    { name: 'umlauts', parts: [image('Jägerweg 道.jpg'), model], images: 1 },
    { name: 'no-type', parts: [image('trail', { type: '' }), model], images: 1 },
    {
      name: 'untouched-input',
      parts: [image('trail.jpg'), { field: 'images', path: empty, fileName: '', type: '' }, model],
      images: 1,
    },
    {
      name: 'images-list',
      parts: [image('a.jpg', { field: 'images[]' }), image('b.jpg', { field: 'images[]' }), model],
      images: 2,
    },
    { name: 'two-photos', parts: [model, image('a.jpg'), image('b.jpg')], images: 2 },
  ];
}
