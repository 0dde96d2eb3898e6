"""Names that people give to structures."""

from __future__ import annotations

import pytest

from medvos.cine.label_names import Part, part_named

KNOWN = {
    Part.LV: "LV;left ventricle;LEFT_VENTRICLE;LeftVentricle;LV cavity;LV blood pool;endo;LVendo;LV_endo;LVC;BP;BP LV;"
    "linker Ventrikel;linkerventrikel;Linke Kammer;ventricule gauche;cavité VG;ventrículo izquierdo;"
    "ventricolo sinistro;ventricolo sx;LV with papillary muscles;LV + papillaries;LV blood w/o papillaries;"
    "LV incl. trabeculae and papillary muscles;"
    "LV without papillary muscles;VG avec muscles papillaires;VI con músculos papilares;sol ventrikül;"
    "ventrículo esquerdo;lewa komora;левый желудочек;左心室;lv 1;Heart Ventricle Left",
    Part.MYO: "myo;Myocardium;Myokard;myocarde;miocardio;LVM;LVMyo;MyoLV;LV wall;LV mass;LV-Wand;心肌;"
    "Left Ventricle Myocardium;mięsień;LV myocardium incl septum;Myo + papillaries;miyokard",
    Part.RV: "RV;right ventricle;RVendo;RVBP;Rechter Ventrikel;ventricule droit;ventrículo derecho;ventricolo destro;"
    "右心室;rv_cavity;ventricolo dx;sağ ventrikül;RV with trabeculae",
    Part.WHOLE_LV: "epi;LV epi;LVEpi;Épicarde;Epicardium;Epikard",
    Part.MVO: "MVO;microvascular obstruction;no-reflow",
    Part.LA: "Left atrium;LA;linker Vorhof;oreillette gauche",
    Part.OTHER: "Right atrium;left atrial appendage;Aorta;Scar;LV papillary muscles;RV free wall;RV myocardium;"
    "pericardium;epicardial fat",
    None: "Segment_1;Tissue;heart;left;right;LV+RV;VS;Myo and scar;papillary muscles and LV;LV with septum;"
    "left and right ventricle;",
}


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in KNOWN.items() for name in names.split(";")])
def test_a_name_means_one_structure(part, name):
    assert part_named(name) is part
