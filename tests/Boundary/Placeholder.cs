namespace Pavise.Boundary.Tests;
