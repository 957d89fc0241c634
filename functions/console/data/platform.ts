/** Whether the platform that the app runs on signs people in: the page says so. */
export const hasPlatformSignIn = (): boolean => document.getElementById('console')?.dataset['signIn'] === 'app-service';
