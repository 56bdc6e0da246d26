namespace Pavise.Policy.Tests;
