// Uploads one form: the arguments are the address and the parts as JSON (test/clients/forms.ts).
using System.Net.Http.Headers;
using System.Text.Json;

using var form = new MultipartFormDataContent();
foreach (var part in JsonDocument.Parse(args[1]).RootElement.EnumerateArray())
{
    var field = part.GetProperty("field").GetString()!;
    if (part.TryGetProperty("text", out var text))
    {
        form.Add(new StringContent(text.GetString()!), field);
        continue;
    }
    var content = new ByteArrayContent(File.ReadAllBytes(part.GetProperty("path").GetString()!));
    var type = part.GetProperty("type").GetString()!;
    if (type != "") content.Headers.ContentType = new MediaTypeHeaderValue(type);
    form.Add(content, field, part.GetProperty("fileName").GetString()!);
}
using var client = new HttpClient();
using var answer = await client.PostAsync(args[0], form);
Console.WriteLine(await answer.Content.ReadAsStringAsync());
Console.Write((int)answer.StatusCode);
