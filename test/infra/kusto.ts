import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';

interface Language {
  Symbols: {
    TableSymbol: { $ctor7: new (name: string, schema: string, description: null) => unknown };
    ExternalTableSymbol: { $ctor4: new (name: string, schema: string, description: null) => unknown };
    DatabaseSymbol: { ctor: new (name: string, tables: unknown[]) => unknown };
  };
  GlobalState: { Default: { WithDatabase(database: unknown): unknown } };
  KustoCode: {
    ParseAndAnalyze(
      query: string,
      globals: unknown,
    ): { GetDiagnostics(): { Count: number; getItem(index: number): { Message: string } } };
  };
}

/** The tables of Application Insights in a workspace, with the columns that queries may use. */
const tables = {
  AppRequests:
    '(TimeGenerated:datetime, Name:string, Success:bool, ResultCode:string, DurationMs:real, OperationId:string, ParentId:string, Id:string, Properties:dynamic, AppRoleName:string)',
  AppDependencies:
    '(TimeGenerated:datetime, Name:string, Success:bool, ResultCode:string, DurationMs:real, OperationId:string, ParentId:string, Id:string, Properties:dynamic, AppRoleName:string)',
  AppTraces:
    '(TimeGenerated:datetime, Message:string, SeverityLevel:int, OperationId:string, AppRoleName:string, AppRoleInstance:string)',
};

/**
 * Azure's own parser of Kusto queries. It is written for a browser's global scope, so it gets one.
 * @param external further tables, outside the database, with their columns
 * @returns what is wrong with a query
 */
export async function createQueryChecker(
  external: Readonly<Record<string, string>> = {},
): Promise<(query: string) => string[]> {
  const folder = dirname(fileURLToPath(import.meta.resolve('@kusto/language-service-next')));
  const scope = createContext({ console, setTimeout, clearTimeout, setInterval, clearInterval });
  for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js'])
    runInContext(await readFile(join(folder, file), 'utf8'), scope, { filename: file });
  const language = runInContext('Kusto.Language', scope) as Language;
  const symbols = Object.entries(tables).map(
    ([name, schema]) => new language.Symbols.TableSymbol.$ctor7(name, schema, null),
  );
  const externalSymbols = Object.entries(external).map(
    ([name, schema]) => new language.Symbols.ExternalTableSymbol.$ctor4(name, schema, null),
  );
  const database = new language.Symbols.DatabaseSymbol.ctor('workspace', [...symbols, ...externalSymbols]);
  const globals = language.GlobalState.Default.WithDatabase(database);
  return (query) => {
    const found = language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
  };
}
