package dev.mtl.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableFrom;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

import dev.mtl.core.plugin.HeadPlugins;
import dev.mtl.torch.Tensor;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrows between modules point one way only; this module sees all of them. */
class ArrowsTest {
    private static JavaClasses all;

    @BeforeAll
    static void read() {
        all =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(location -> !location.contains("-tests.jar"))
                        .importPackages("dev.mtl");
    }

    /** The rules below hold of nothing if a module is not there to be seen. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.mtl.natives.Platform",
                "dev.mtl.torch.Tensor",
                "dev.mtl.torch.abi.LibTorchAbi",
                "dev.mtl.core.model.MultiTaskModel",
                "dev.mtl.store.maven.MavenArtifacts",
                "dev.mtl.heads.token.TokenClassificationProvider",
                "dev.mtl.train.run.Trainer",
                "dev.mtl.mpi.MpiProvider",
                "dev.mtl.micrometer.MtlMetrics",
                "dev.mtl.server.ModelServer",
                "dev.mtl.cli.Main"
            })
    void everyModuleIsSeen(String type) {
        assertThat(all.contain(type)).as(type).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "dev.mtl.natives, ''",
        "dev.mtl.torch, dev.mtl.natives",
        "dev.mtl.core, dev.mtl.torch",
        "dev.mtl.store, dev.mtl.core",
        "dev.mtl.heads, dev.mtl.torch dev.mtl.core",
        "dev.mtl.train, dev.mtl.torch dev.mtl.core",
        "dev.mtl.mpi, dev.mtl.core dev.mtl.train",
        "dev.mtl.micrometer, dev.mtl.core",
        "dev.mtl.server, dev.mtl.torch dev.mtl.core dev.mtl.micrometer",
        "dev.mtl.cli, dev.mtl.torch dev.mtl.core dev.mtl.heads dev.mtl.train dev.mtl.server"
    })
    void aModuleSeesOnlyThoseBelowIt(String module, String below) {
        var seen = (module + (below.isEmpty() ? "" : " " + below)).split(" ");
        for (int i = 0; i < seen.length; i++) {
            seen[i] += "..";
        }
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(module + "..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.mtl..").and(not(resideInAnyPackage(seen))))
                .check(all);
    }

    @Test
    void generatedBindingsAreSeenByTheirModuleAlone() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackage("dev.mtl.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.mtl.torch.abi..")
                .check(all);
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackage("dev.mtl.mpi..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.mtl.mpi.abi..")
                .check(all);
    }

    @Test
    void foreignMemoryStaysInTorchFfmAndMpi() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackages("dev.mtl.torch..", "dev.mtl.mpi..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(all);
    }

    @Test
    void publicMethodsOfTorchFfmShowNoForeignMemory() {
        ArchRuleDefinition.noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(
                        "dev.mtl.torch",
                        "dev.mtl.torch.error",
                        "dev.mtl.torch.kernels",
                        "dev.mtl.torch.optim",
                        "dev.mtl.torch.runtime")
                .and()
                // Tensor's operators are declared in package-private interfaces.
                .areDeclaredInClassesThat(
                        modifier(PUBLIC).<JavaClass>forSubtype().or(assignableFrom(Tensor.class)))
                .should()
                .haveRawReturnType(resideInAPackage("java.lang.foreign.."))
                .orShould()
                .haveRawParameterTypes(
                        com.tngtech.archunit.base.DescribedPredicate.anyElementThat(
                                resideInAPackage("java.lang.foreign..")))
                .check(all);
    }

    /** A plugin could not call a method with a type that it does not see. */
    @Test
    void publicMethodsOfWhatPluginsSeeTakeAndGiveWhatPluginsSee() {
        var seen = HeadPlugins.PUBLIC_API.toArray(String[]::new);
        var unseen = not(resideInAnyPackage(seen)).and(not(resideInAnyPackage("java..", "")));
        ArchRuleDefinition.noCodeUnits()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(seen)
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should()
                .haveRawReturnType(unseen)
                .orShould()
                .haveRawParameterTypes(
                        com.tngtech.archunit.base.DescribedPredicate.anyElementThat(unseen))
                .check(all);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.mtl.core.(*)..",
                "dev.mtl.heads.(*)..",
                "dev.mtl.train.(*)..",
                "dev.mtl.(**)",
                "dev.mtl.(*).."
            })
    void packagesHaveNoCycles(String pattern) {
        slices().matching(pattern).should().beFreeOfCycles().check(all);
    }

    @Test
    void nothingPrintsButTheCommandLine() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackages("dev.mtl.cli..", "dev.mtl.torch.abi", "dev.mtl.mpi.abi..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(all);
    }

    @Test
    void noStaticFieldChanges() {
        ArchRuleDefinition.noFields()
                .that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackages("dev.mtl.torch.abi..", "dev.mtl.mpi.abi..")
                .and()
                .doNotHaveModifier(JavaModifier.SYNTHETIC)
                .should()
                .notBeFinal()
                .check(all);
    }
}
